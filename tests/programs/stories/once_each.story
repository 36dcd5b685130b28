# A review that is withdrawn makes room for one other, however many came in between; a cup
# that was only held was not had.

program  once_each

2026-01-01        join                                            | 0
2026-01-02        activity A  review  subject=kettle  v=1         | 25
2026-01-03        activity B  review  subject=kettle  v=1         | 50
2026-01-04        activity C  review  subject=kettle  v=1         | 50   review=SUBJECT_CAP
2026-01-05        activity A  review  subject=kettle  v=2 withdrawn | 25
2026-01-06        activity D  review  subject=kettle  v=1         | 50
2026-01-07        activity E  review  subject=kettle  v=1         | 50   review=SUBJECT_CAP

2026-02-01T10:00  hold H  -  minutes=30                           | 40   held=10
2026-02-01T10:05  redeem I  -                                     | REWARD_LIMIT
2026-02-01T10:10  release J  H                                    | 50
2026-02-01T10:15  hold K  -  minutes=30                           | 40
2026-02-01T10:45  -                                               | 50
2026-02-01T10:50  hold L  -  minutes=30                           | 40
2026-02-01T10:55  capture M  L                                    | 40
2026-02-01T11:00  redeem N  -                                     | REWARD_LIMIT
2026-02-01T11:05  undo O  M                                       | 50
2026-02-01T11:10  redeem P  -                                     | 40
