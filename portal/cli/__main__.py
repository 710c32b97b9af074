"""`python -m portal.cli` is `sla-portal`: how one verb starts another in a process of its own."""

from portal.cli.entry import main

main()
