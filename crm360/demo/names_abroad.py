"""British, Irish and German given names and surnames, commonest first, and their short forms."""

from __future__ import annotations

from crm360.demo.tables import words

WOMEN = (
    words("""Margaret Patricia Susan Christine Jean Ann Elizabeth Linda Carol Maureen Pauline Janet Judith Barbara Sheila
    Kathleen Dorothy Brenda Rosemary Marion Gillian Valerie Hilary Eileen Frances"""),
    words("""Sarah Julie Karen Jacqueline Deborah Tracey Jane Helen Diane Sharon Alison Claire Lisa Joanne Nicola Emma Michelle
    Rachel Samantha Louise Victoria Catherine Rebecca Amanda Kelly Lucy Angela Wendy Fiona Siobhan"""),
    words("""Emily Jessica Chloe Olivia Sophie Charlotte Hannah Megan Amy Grace Lauren Ella Amelia Holly Ruby Isabella Poppy
    Daisy Freya Evie Aoife Niamh Ciara Saoirse Abigail Eleanor Georgia Imogen Zoe Harriet"""),
)
MEN = (
    words("""John David Michael Peter Robert Anthony Brian Alan William James Richard Kenneth Roger Keith Colin Derek
    Raymond Geoffrey Terence Patrick Gerald Norman Malcolm Leonard Seamus"""),
    words("""Paul Mark Andrew Steven Stephen Ian Gary Christopher Simon Philip Nigel Kevin Neil Graham Stuart Jonathan Martin
    Matthew Darren Lee Jason Adrian Dean Craig Justin Declan Conor Duncan Russell Barry"""),
    words("""Thomas Jack Daniel Joshua Oliver Harry Samuel Callum Luke Ryan Benjamin Alexander George Liam Charlie Jacob
    Ethan Lewis Connor Nathan Alfie Oscar Leo Max Cian Oisin Finn Sean Elliot Toby"""),
)
SURNAMES = words("""
Smith Jones Williams Taylor Brown Davies Evans Wilson Thomas Johnson Roberts Robinson Thompson Wright Walker White
Edwards Hughes Green Hall Lewis Harris Clarke Patel Jackson Wood Turner Martin Cooper Hill Ward Morris Moore Clark Lee
King Baker Harrison Morgan Allen James Scott Phillips Watson Davis Parker Price Bennett Young Griffiths Mitchell Kelly
Cook Carter Richardson Bailey Collins Bell Shaw Murphy Miller Cox Richards Khan Marshall Anderson Simpson Ellis Adams
Singh Begum Wilkinson Foster Chapman Powell Webb Rogers Gray Mason Ali Hunt Hussain Campbell Matthews Owen Palmer
Holmes Mills Barnes Knight Lloyd Butler Russell Barker Fisher Stevens Jenkins Murray Dixon Harvey Pearson Graham
Fletcher O'Brien Byrne Ryan Walsh Connor Sullivan Doyle McCarthy Gallagher Doherty Kennedy Lynch Quinn McLoughlin
Carroll Connolly Daly Nolan Brennan Burke Fitzgerald Hayes Reid Stewart Ross Henderson Paterson Morrison Wallace
Hamilton Gordon Grant Kerr Ferguson Cameron Duncan Gibson Burton Spencer Payne Newman Perry Hopkins Hewitt Sharp
Barrett Lawson Whitehead Thornton Holloway Ashworth Pemberton
""")
GERMAN_WOMEN = (
    words("Ursula Monika Renate Helga Karin Ingrid Brigitte Christa"),
    words("Sabine Andrea Claudia Susanne Petra Birgit Nicole Stefanie Katrin Anja"),
    words("Lea Anna Laura Lena Sarah Julia Lisa Hannah Franziska Johanna"),
)
GERMAN_MEN = (
    words("Peter Klaus Hans Jürgen Wolfgang Dieter Manfred Horst"),
    words("Thomas Michael Andreas Stefan Frank Markus Jörg Torsten Matthias Ralf"),
    words("Lukas Jonas Felix Maximilian Paul Tim Jan Niklas Moritz Tobias"),
)
GERMAN_SURNAMES = words("""
Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf
Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Krause Lehmann Köhler
""")
SHORT_FORMS = {
    "Robert": "Bob", "William": "Bill", "Margaret": "Peggy", "Elizabeth": "Liz", "Catherine": "Kate", "James": "Jim",
    "Richard": "Dick", "Michael": "Mike", "Thomas": "Tom", "Christopher": "Chris", "Samantha": "Sam", "Samuel": "Sam",
    "Benjamin": "Ben", "Alexander": "Alex", "Joshua": "Josh", "Daniel": "Dan", "Matthew": "Matt", "Andrew": "Andy",
    "Anthony": "Tony", "Deborah": "Debbie", "Patricia": "Pat", "Susan": "Sue", "Rebecca": "Becky", "Nicola": "Nicky",
    "Victoria": "Vicky", "Jessica": "Jess", "Abigail": "Abi", "Eleanor": "Ellie", "Stephen": "Steve",
    "Steven": "Steve", "Jonathan": "Jon", "Kenneth": "Ken", "Jacqueline": "Jackie", "Philip": "Phil",
}  # fmt: skip
