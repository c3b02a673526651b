"""What a form is: frozen types, form.yaml → Form, the check language, the layout from header trees."""
