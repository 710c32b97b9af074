"""The operators' door: `sla-portal VERB`."""


def main() -> None:
    """Run the verb the command line names; its packages are loaded here, not by whoever imports a part of the door."""
    from portal.cli.entry import main as run_verb

    run_verb()
