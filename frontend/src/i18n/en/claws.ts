/** One's own claw, and the web pages of claws. */
export const claws = {
  myClaw: {
    none: 'A personal claw that works for you alone.',
    description: '{name} works for you alone.',
    details: 'Details',
    start: {
      title: 'Your own claw is one click away',
      description: 'It gets a name, a place and a model by itself, and is ready within a minute.',
      own: 'It is yours: besides you only administrators see it.',
      works: 'Talk to it here, or open its own page.',
      kept: 'It is restarted when it fails, and keeps what it knows.',
      create: 'Create my claw',
    },
  },
  clawPage: { opening: 'Opening the claw…' },
};
