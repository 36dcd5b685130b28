# Thanks among colleagues. A project's points wait until somebody confirms it.

program  employee_recognition

2026-01-05   @ana  join                                                           | 0
2026-01-05   @bo   join                                                           | 0
2026-01-06   @ana  activity T1  thanks                                            | 10
2026-01-07   @ana  activity T2  thanks                                            | 20
2026-01-08   @ana  activity T3  thanks                                            | 30
2026-01-09   @ana  activity S1  feedback_session                                  | 50
2026-01-09   @ana  activity S2  feedback_session                                  | 50    feedback=DAILY_CAP
2026-01-12   @ana  activity P1  project  subject=till  v=1 status=reported        | 50    pending=100
2026-01-20   @ana  activity P1  project  subject=till  v=2 status=confirmed       | 150   pending=0
2026-01-21   @ana  activity P2  project  subject=till  v=1 status=confirmed       | 150   project=SUBJECT_CAP
# It was withdrawn after all.
2026-01-22   @ana  activity P1  project  subject=till  v=3 status=confirmed withdrawn  | 50
2026-01-22   @bo   activity B1  feedback_session                                  | 20
2026-01-23   @bo   activity B2  feedback_session                                  | 40
# Four weeks in a row.
2026-02-02   @bo   activity W1  thanks                                            | 50    four-weeks=0
2026-02-09   @bo   activity W2  thanks                                            | 60
2026-02-20   @bo   activity W3  thanks                                            | 70
2026-02-23   @bo   activity W4  thanks                                            | 130   four-weeks=50 badges=four-weeks
