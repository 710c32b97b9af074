"""People: who they are, how they sign in, what organisation they belong to, and the secrets only they hold."""
