"""Everything that leaves for an address somebody typed: what may be asked, and later the sending of notices."""
