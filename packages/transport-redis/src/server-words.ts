/** What a server says of a failed command, without the arguments that it repeats: a password may be among them, or a frame. */
export function serverWords(message: string): string {
  return message.replace(/,? with args beginning with[\s\S]*$/, '');
}
