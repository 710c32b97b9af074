"""People: their roles, their permissions and their second factor."""
