/** Prints a line of JSON, and ends the program, whatever still waits for something. */
export function report(outcome) {
  console.log(JSON.stringify(outcome));
  process.exit();
}
