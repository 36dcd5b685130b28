# A furniture shop in Portugal: points by what a receipt comes to.

program  ikea_pt

2026-01-01   join                         | 0
2026-01-02   order 1   €30.00             | 2      receipt=2
2026-01-02   order 2   €30.01             | 8      receipt=6
2026-01-02   order 3   €60.00             | 14     receipt=6
2026-01-02   order 4   €120.00            | 30     receipt=16
2026-01-02   order 5   €250.00            | 63     receipt=33
2026-01-02   order 6   €500.00            | 130    receipt=67
2026-01-02   order 7   €1000.00           | 265    receipt=135
2026-01-02   order 8   €2000.00           | 535    receipt=270
2026-01-02   order 9   €4000.00           | 1075   receipt=540
2026-01-02   order 10  €4001.00           | 2155   receipt=1080

# A receipt that shrinks falls into the band of what is left.
2026-01-10   refund R  10  €3900.00       | 1091   receipt=16
