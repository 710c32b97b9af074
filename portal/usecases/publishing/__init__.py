"""The published promise: models, drafts, versions, what they would have paid, and what customers say of them."""
