import { RequestFailed } from "../api/problem";

/** What a refusal means for the person who asked, above the server's own message. */
export function failureTitle(error: Error): string {
  if (!(error instanceof RequestFailed)) return "This did not work";
  switch (error.status) {
    case 0:
      return "Nothing is known of what became of it";
    case 403:
      return "Your role does not allow this";
    case 404:
      return "It is not there any more";
    case 409:
      return "It does not go with where things stand now";
    case 422:
      return "Something in it is not acceptable";
    case 429:
      return "Too many requests; wait a moment and send it again";
    case 503:
      return "The service cannot do this now; send it again in a moment";
    default:
      return "This did not work";
  }
}
