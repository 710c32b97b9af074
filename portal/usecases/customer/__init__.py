"""The customer's portal: commitments now, closed periods, months, deadlines, news, and who of the staff looked."""
