package org.aucmedi.xai.server;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The requests in progress that have names. */
final class Jobs {

  /** A name that nobody guesses is of the client's making. */
  static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{8,64}");

  private final Map<String, Job> named = new ConcurrentHashMap<>();
  private final Map<Job, Job> all = new ConcurrentHashMap<>();
  private final ModelPool pool;

  Jobs(ModelPool pool) {
    this.pool = pool;
  }

  /**
   * Begins a job.
   *
   * @param id its name, or null
   * @param client who waits for it
   * @throws HttpError if the name is no name, or taken
   */
  Job begin(@Nullable String id, ClientConnection client) {
    Job job = new Job(client);
    if (id != null) {
      if (!ID.matcher(id).matches()) {
        throw Query.invalid(
            "job", "'" + id + "' is no name of a job; write 8 to 64 letters, digits, _ or -");
      }
      if (named.putIfAbsent(id, job) != null) {
        throw new HttpError(
            HttpError.CONFLICT, "a job of the name '" + id + "' is in progress; take another name");
      }
    }
    all.put(job, job);
    return job;
  }

  void end(@Nullable String id, Job job) {
    all.remove(job);
    if (id != null) {
      named.remove(id, job);
    }
  }

  private Job get(String id) {
    Job job = named.get(id);
    if (job == null) {
      throw new HttpError(
          HttpError.NOT_FOUND, "there is no job '" + id + "' in progress; it may have ended");
    }
    return job;
  }

  /** Tells how far a job is, and notes that its client is there. */
  Reply progress(String id) {
    Job job = get(id);
    job.ask();
    JsonObject answer = new JsonObject();
    answer.addProperty("state", job.isRunning() ? "running" : "waiting");
    answer.addProperty("before", pool.before(job));
    answer.add("done", Reply.number(job.done()));
    return Reply.json(answer);
  }

  /** Cancels a job; it ends before its next pass. */
  Reply cancel(String id) {
    get(id).cancel();
    return Reply.nothing();
  }

  void cancelAll() {
    all.keySet().forEach(Job::cancel);
  }
}
