"""What every table stands on: keys, walls between customers, dialects, turns, and copies of whole databases."""
