"""What a person gets to see of a trial. Reads the history and the verdict, and nothing else.

text.py     the verdict, the findings and the trial's picture as text
store.py    runs/<scenario>/<id>/: where the artifacts of each trial lie
"""
