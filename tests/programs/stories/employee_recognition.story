# Thanks among colleagues, out of what each may give in a month. A project's points wait until
# somebody confirms it.

program  employee_recognition

2026-01-05   @ana  join                                                           | 0
2026-01-05   @bo   join                                                           | 0
2026-01-05   @cy   join                                                           | 0
# Dee gives six times ten of the hundred that she may give in a month.
2026-01-06   @ana  activity T1  thanks  by=@dee                                   | 10
2026-01-07   @ana  activity T2  thanks  by=@dee                                   | 20
2026-01-08   @ana  activity T3  thanks  by=@dee                                   | 30   thanks=10
2026-01-08   @cy   activity T4  thanks  by=@dee quantity=3                        | 30   thanks=30
# Fifty more are not there, forty are, and next month a hundred again: what is left lapses.
2026-01-09   @cy   activity T5  thanks  by=@dee quantity=5                        | ALLOWANCE  balance=30
2026-01-09   @cy   activity T6  thanks  by=@dee quantity=4                        | 70
2026-01-10   @cy   activity T7  thanks  by=@dee                                   | ALLOWANCE  balance=70
# One of them is taken back, and may be given again.
2026-01-11   @cy   activity T8  thanks  by=@eli v=1                               | 80
2026-01-11   @cy   activity T8  thanks  by=@eli v=2 withdrawn                     | 70
2026-01-12   @cy   activity T9  thanks  by=@eli quantity=10                       | 170
2026-02-01   @cy   activity T10  thanks  by=@dee quantity=10                      | 270
# Nobody thanks themselves, and somebody must.
2026-02-02   @cy   activity T11  thanks  by=@cy                                   | GIVEN_TO_SELF  balance=270
2026-02-02   @cy   activity T12  thanks                                           | GIVER_REQUIRED  balance=270
2026-02-02   @ana  activity S1  feedback_session                                  | 50
2026-02-02   @ana  activity S2  feedback_session                                  | 50    feedback=DAILY_CAP
2026-02-02   @ana  activity P1  project  subject=till  v=1 status=reported        | 50    pending=100
2026-02-03   @ana  activity P1  project  subject=till  v=2 status=confirmed       | 150   pending=0
2026-02-03   @ana  activity P2  project  subject=till  v=1 status=confirmed       | 150   project=SUBJECT_CAP
2026-02-03   @bo   activity B1  feedback_session                                  | 20
2026-02-04   @bo   activity B2  feedback_session                                  | 40
# The project was withdrawn after all.
2026-02-05   @ana  activity P1  project  subject=till  v=3 status=confirmed withdrawn  | 50
# Four weeks in a row.
2026-03-02   @bo   activity W1  thanks  by=@fay                                   | 50    four-weeks=0
2026-03-09   @bo   activity W2  thanks  by=@fay                                   | 60
2026-03-20   @bo   activity W3  thanks  by=@fay                                   | 70
2026-03-23   @bo   activity W4  thanks  by=@fay                                   | 130   four-weeks=50 badges=four-weeks
