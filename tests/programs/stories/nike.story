# A maker of running shoes: a challenge, and a pair that only points open.
# All numbers are assumed.

program  nike

2025-06-01             @m1  join                                                  | 0
2025-06-01             @m2  join                                                  | 0
2025-06-01             @m3  join                                                  | 0
2025-06-01             @m1  enter run-june                                        | 0
2025-06-01             @m2  enter run-june                                        | 0
2025-06-02T18:00       @m1  activity a1  run  quantity=8                          | 0
2025-06-02T18:00       @m2  activity b1  run  quantity=15                         | 0
2025-06-03T18:00       @m3  activity c1  run  quantity=12                         | 0     run-june=NOT_TAKEN_UP
2025-06-04             @m3  enter run-june                                        | CHALLENGE_CLOSED
2025-06-05             @m1  activity a2  run  quantity=7                          | 0
2025-06-06             @m3  activity c2  run  quantity=9                          | 0
# 23:30 in the challenge's zone, synced before its midnight; the second time is no run.
2025-06-09T06:50:00Z   @m1  activity a3  run  quantity=5.2  at=2025-06-08T23:30   | 200   run-june=200
2025-06-09T06:55:00Z   @m1  activity a3  run  quantity=5.2  at=2025-06-08T23:30   | 200   replayed
# Run in time and synced too late.
2025-06-09T07:05:00Z   @m2  activity b2  run  quantity=5.2  at=2025-06-08T23:30   | 0     run-june=TOO_LATE

2025-06-10   @m1     redeem S1  -  reward=limited-shoe                            | INSUFFICIENT_POINTS  balance=200
2025-06-10   @m1     enter run-july                                               | 200
2025-07-01   @m1     activity a4  run  quantity=20                                | 400
2025-07-10   @m1     enter run-august                                             | 400
2025-08-01   @m1     activity a5  run  quantity=20                                | 600
2025-08-02   @m1     redeem S2  -  reward=limited-shoe                            | 100
2025-08-03   @m1     give G  500  reason=goodwill                                 | 600
2025-08-03   @m1     redeem S3  -  reward=limited-shoe                            | REWARD_LIMIT  balance=600
2025-08-03   @guest  redeem S4  -  reward=limited-shoe                            | MEMBER_UNKNOWN
