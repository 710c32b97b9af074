"""How evidence becomes downtime: one file a counting method (semantics.md R17–R21)."""
