"""The SLA status and transparency portal. Importing this package loads nothing else."""
