#pragma once

#include "supervision/dynamic_process.hpp"
#include "supervision/partition_table.hpp"

namespace beamline::supervision {

/// What a partition supervisor is started from (S120).
struct partition_spec {
  // At most this many partitions of one supervisor.
  static constexpr std::size_t partitions_max = 1024;

  // Registered, and found by `partition_of`. Must be given, as `child` must.
  std::string name;
  // What every partition is; its id is replaced by "0", "1", ...
  child_spec child;
  // Default: what the node's partition_directory says.
  std::optional<std::size_t> partitions{};
  // Makes each one different: gets the spec and its number.
  std::function<void(child_spec&, std::size_t)> with_arguments{};
  // `strategy` stays one_for_one and `auto_shutdown` never.
  supervisor_flags flags{};
};

/// Argument errors (J04-J08): the message names the field, the value and what is allowed.
[[nodiscard]] result<void> check_partition_spec(const partition_spec& s);

/// Keys are spread over the first `count` partitions from now on; at most as many as it was started with. Growing
/// starts the missing ones, shrinking ends the last ones after nothing is routed to them any more. Answers
/// resize_answer with the old number when that is done (S122); one at a time, another one meanwhile is answered `busy`.
struct resize_partitions {
  std::size_t count;
};
using resize_answer = answer<std::size_t>;

/// N children alike, each serving its share of the keys (S120-S123): what is one hot process becomes several on as many
/// cores.
///
///   auto sup = partition_supervisor::start(node, {.name = "counters", .child = child<counter>("counter")});
///   cast(partition_of(env(), "counters", user_id), add{1});
///
/// Partitions start at the same time; when one fails the others are stopped and the start has failed with
/// `failed_to_start_child`. Each is restarted by its restart type, all out of one budget, and is found in the same slot
/// again. One that ended for good leaves its slot empty until the supervisor is resized over it.
///
/// Understands which_children (ids "0" to "N-1", the last first), which_child by id, count_children, get_child_spec by
/// id, which_zombies, get_status and resize_partitions; all changes of api.hpp are answered `unsupported`. The node
/// must provide a partition_directory.
class partition_supervisor final : public dynamic_process {
public:
  partition_supervisor(process_context& c, partition_spec s);

  /// Started under its name, without a parent. Throws what `spawn_as` throws, and std::invalid_argument for a bad spec.
  static pid start(beamline::node& on, partition_spec s);

  behavior init() override;
  void terminate(const reason& why) override;

private:
  result<void> prepare();
  behavior serve();
  void start_partition(std::size_t index, std::function<void(const start_answer&)> then);
  void start_answered(std::size_t index, const start_answer& a);
  void resize(std::size_t count, const reply_promise<resize_answer>& p);
  void resize_step(const child_error* failed);
  [[nodiscard]] std::optional<std::size_t> index_of(const std::string& id) const;
  /// Null where a slot is empty.
  [[nodiscard]] std::vector<const dynamic_child*> by_index();
  [[nodiscard]] child_info info_of_slot(std::size_t index, const dynamic_child* c) const;

  struct resizing {
    reply_promise<resize_answer> promise;
    std::size_t from;
    std::size_t to;
    std::size_t waiting;
    std::optional<child_error> failed{};
  };

  partition_spec spec_;
  std::vector<child_spec> specs_;  // One each.
  partition_table* table_ = nullptr;
  std::size_t starting_ = 0;  // Of the first start.
  bool has_failed_ = false;
  std::optional<resizing> resizing_;
};

/// As a child of a supervisor: its id is the name, unless said otherwise (J01, J02).
[[nodiscard]] child_spec child_partition_supervisor(partition_spec s);

}  // namespace beamline::supervision
