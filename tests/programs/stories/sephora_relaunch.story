# A new version of a program: what was bought before it stays as it was decided.

program  sephora_2018  from 2018-08-01
then     sephora_bi    from 2020-06-01

2020-01-10   join                                       | 0     tier=insider
# The purchase that reaches a level still earns by the one before.
2020-01-15   order A  $400.00  channel=web              | 400   tier=vib version=1
2020-02-01   order B  $100.00  channel=web              | 525   merchandise=125 version=1
2020-05-31   order C  $100.00  channel=web              | 650   merchandise=125 version=1
2020-06-01   order D  $100.00  channel=web              | 750   merchandise=100 version=2
# A refund takes what its order gave, by the version that gave it.
2020-06-10   refund RB  B  all                          | 625   version=1
2020-06-10   refund RD  D  all                          | 525   version=2
# Twelve months after the last order now, no longer eighteen.
2021-05-31   -                                          | 525
2021-06-01   -                                          | 0
