# The fourth task comes a day late: neither its points nor those for all.

program  sephora_bi

2023-11-15        join                                | 0
2023-11-20        activity T1  pick_up                | 100
2023-11-21        activity T2  text_sign_up           | 200
2023-12-01        activity T3  add_samples            | 300
2023-12-23T00:00  activity T4  try_color              | 300   four-tasks=300
