# A furniture shop in Malaysia: three times the points of a month that came to RM600, on
# top of them, 3,000 at most, four weeks after its end.

program  ikea_my

2020-02-01   join                                     | 0
2020-02-01   @less  join                              | 0
2020-02-01   @more  join                              | 0
2020-02-10   order A  RM350.00                        | 350
2020-02-20   order B  RM250.00                        | 600
2020-02-20   @less  order C  RM599.99                 | 599
2020-02-20   @more  order D  RM1200.00                | 1200
2020-03-28   -                                        | 600    month-of-600=0
2020-03-29   -                                        | 2400   month-of-600=0
2020-03-29   @less  -                                 | 599
# Three times 1,200 are more than may be given.
2020-03-29   @more  -                                 | 4200
