"""The one evaluation: evidence against a promise becomes an attainment, a credit and their working."""
