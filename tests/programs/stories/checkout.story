# Points set aside for a checkout: spent in part, given back, or back by themselves.

program  house

2026-01-01        join                                                        | 0     tier=member
2026-01-01        give G  1000  reason=welcome                                | 1000
2026-01-02T10:00  hold  H1  400  reward=money-off basket=£20.00  minutes=30   | 600   held=400 note=none
2026-01-02T10:10  capture C1  H1  300                                         | 700   held=0 worth=£3.00
2026-01-02T10:11  capture C2  H1                                              | HOLD_UNKNOWN
2026-01-02T11:00  hold  H2  -  reward=tote-bag                                | INSUFFICIENT_POINTS  balance=700
2026-01-02T11:00  hold  H3  400  reward=money-off basket=£20.00               | 300   held=400
2026-01-02T11:05  release E3  H3                                              | 700   held=0
2026-01-02T12:00  hold  H4  200  reward=money-off basket=£20.00  minutes=10   | 500   held=200
2026-01-02T12:09  -                                                           | 500   held=200
2026-01-02T12:10  -                                                           | 700   held=0 row=held
# The schedule books what is true already; it changes nothing that anybody sees.
2026-01-02T12:11  settle                                                      | 700   held=0 row=settled
2026-01-03        take T  50  reason=mistake                                  | 650
2026-01-04        order A  £80.00                                             | 650   pending=80 spend=80
2026-01-18        -                                                           | 730   pending=0
