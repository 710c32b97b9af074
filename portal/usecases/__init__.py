"""Use cases: one public function is one sentence of the product."""
