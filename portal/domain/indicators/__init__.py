"""Small numbers about an attainment: budgets, burn rates, confidence, resolution, composites."""
