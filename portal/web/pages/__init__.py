"""One module a noun, each with its `blueprint`; they do not know each other."""
