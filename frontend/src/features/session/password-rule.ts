/** The fewest characters of a new password, as the API has it; said before it is sent. */
export const PASSWORD_MIN = 10;
