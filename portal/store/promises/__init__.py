"""What was promised: agreements and their versions, contracts, drafts and reviews."""
