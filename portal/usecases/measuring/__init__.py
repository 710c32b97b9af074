"""Measuring: from due slot to stored run to sealed day."""
