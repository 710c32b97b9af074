"""Documents as they arrive and as they are kept: strict reading with paths, canonical bytes, digests."""
