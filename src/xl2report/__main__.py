"""python -m xl2report"""

from xl2report.cli import main

main()
