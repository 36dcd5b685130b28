# A set bought anywhere is registered by the code in its box, once.

program  lego_insiders

2025-02-20   join                                                       | 0
2025-02-20   order 5  $59.99  channel=amazon status=invoiced            | 0    bricks=CHANNEL
2025-02-21   activity 5b  register_set  subject=75192-00417             | 20   registered=20
2025-02-21   activity 5c  register_set  subject=75192-00417             | 20   registered=SUBJECT_CAP
2025-02-22   activity 5d  register_set  subject=10300-11223             | 40
