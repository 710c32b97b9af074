"""The ledger: accounts, the life of a credit, and what a revision corrects; pure, in integer minor units."""
