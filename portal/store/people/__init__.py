"""Who is who: people and how they sign in, customers and who belongs to them, the provider, and what was done."""
