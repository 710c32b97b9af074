"""Evidence kept: taken in, made ready for the engine and for bars, derived anew, handed out again."""
