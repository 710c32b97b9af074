"""What was measured and recorded: samples, runs of equal state, outage records, counts, tickets."""
