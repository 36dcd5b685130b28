# One program, two versions: what was bought before March 2026 stays as it was decided.

program  starbucks_2019  from 2019-04-16
then     starbucks_2026  from 2026-03-10

2026-03-01   join                                        | 0
2026-03-09   order A  $10.00  paid=preloaded:$10.00      | 20     version=1 preloaded=20 lots=2026-10-01:20
2026-03-10   order B  $10.00  paid=preloaded:$10.00      | 30     version=2 visit=10
2026-03-11   refund R  A  all                            | 10     version=1
