"""How services are now and were lately, as the public and customers read it."""
