# Points that go to a cause, and nowhere else.

program  cause_only

2026-01-01         join                                       | 0
2026-01-02         order A  $120.00                           | 0    pending=120 evening=CONDITION
2026-01-02T19:00   order B  $10.00/books                      | 0    pending=135 evening=5
2026-01-20         redeem D  100                              | 35   worth=$1.00
2026-01-21         undo U  D                                  | FINAL  balance=35
# What is taken back and gone is written off: nobody owes a cause.
2026-01-22         refund R  A  all                           | 0    debt=0
