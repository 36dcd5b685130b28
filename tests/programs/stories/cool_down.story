# The thirtieth day after is the first that counts again; what was taken back never was.

program  cool_down

2026-01-01        join                                | 0
2026-01-31        activity A  survey                  | 25
2026-02-01        activity B  survey                  | 25   survey=TOO_SOON
2026-03-01        activity C  survey                  | 25   survey=TOO_SOON
2026-03-02        activity D  survey                  | 50
2026-03-31        activity E  survey                  | 50   survey=TOO_SOON
2026-03-31        activity D  survey  v=1 withdrawn   | 25
2026-03-31        activity F  survey                  | 50

2026-04-01T10:00  redeem G  -                         | 40
2026-04-30T10:00  redeem H  -                         | REWARD_LIMIT
2026-04-30T11:00  undo I  G                           | 50
2026-04-30T12:00  redeem J  -                         | 40
2026-05-01T12:00  redeem K  -                         | REWARD_LIMIT
2026-05-30T12:00  redeem L  -                         | 30
