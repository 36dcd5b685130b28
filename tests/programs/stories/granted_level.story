# A level that the shop gives by hand, for a time.

program  house

2026-01-01   join                                | 0     tier=member
2026-01-02   grant gold  until=2026-06-30        | 0     tier=gold until=2026-07-01
2026-01-03   order A  £100.00                    | 0     pending=150
2026-06-30   -                                   | 150   tier=gold
2026-07-01   -                                   | 150   tier=member
