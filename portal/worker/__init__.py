"""The worker: a process that measures, stores what it found and keeps the current figures fresh.

APScheduler only says that a second has passed. What is due follows from the schedules and the frontier in the database
(portal.usecases.measuring.measurement), so a late, missing or doubled tick changes nothing but the lag.
"""

from portal.worker.process import work as work
