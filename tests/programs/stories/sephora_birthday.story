# 250 points for a birthday, once a year, which reach no level.

program  sephora_bi

2025-01-20   join                                     | 0     tier=insider
2025-03-01   order 2  $120.60  tax=$9.95  channel=web | 120   gathered=$120.60
2025-06-10   activity B1  birthday_points             | 370   gathered=$120.60 birthday=250
2025-06-11   activity B2  birthday_points             | 370   birthday=YEARLY_CAP
