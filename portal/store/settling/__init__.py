"""What became of promises: figures, statements, credits, claims, disputes and papers."""
