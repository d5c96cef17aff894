#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace beamline {

/// Who a node is: its name and which run of it. Incarnations of one name only grow (D6), so an
/// address of an earlier run can never be taken for one of this run (D8).
struct node_identity {
  std::string name;  // `name@host`
  std::uint64_t incarnation = 0;

  friend auto operator<=>(const node_identity&, const node_identity&) = default;
};

using node_identity_ptr = std::shared_ptr<const node_identity>;

/// The address of a process: a value. It owns nothing, keeps nothing alive, and may outlive the
/// process; what is sent to a dead one vanishes (D63). Copies are cheap; safe to use from any thread.
///
/// Either `id()` says which process of one incarnation is meant, or `name()` whoever is registered
/// under that name when the message arrives.
class pid {
public:
  pid() = default;
  pid(node_identity_ptr node, std::uint64_t id) : node_{std::move(node)}, id_{id} {}
  pid(node_identity_ptr node, std::string name) : node_{std::move(node)}, name_{std::move(name)} {}

  /// False for a default-constructed pid, which addresses nobody.
  explicit operator bool() const noexcept { return node_ != nullptr; }

  [[nodiscard]] const node_identity& node() const { return *node_; }
  [[nodiscard]] const node_identity_ptr& node_ptr() const noexcept { return node_; }
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] bool is_named() const noexcept { return id_ == 0; }

  /// Whether it lives on `here`. A name without an incarnation (0) means any run of that node.
  [[nodiscard]] bool is_on(const node_identity& here) const noexcept {
    return node_ != nullptr
        && (node_.get() == &here
            || (node_->name == here.name
                && (node_->incarnation == here.incarnation || (is_named() && node_->incarnation == 0))));
  }

  friend bool operator==(const pid& a, const pid& b) noexcept { return (a <=> b) == 0; }
  friend std::strong_ordering operator<=>(const pid& a, const pid& b) noexcept;

private:
  node_identity_ptr node_;
  std::uint64_t id_ = 0;
  std::string name_;
};

/// `<event_horizon_1@127.0.0.1.42>` or `<accumulator_1@127.0.0.1:counter>`.
[[nodiscard]] std::string to_string(const pid& p);

}  // namespace beamline

template <>
struct std::hash<beamline::pid> {
  std::size_t operator()(const beamline::pid& p) const noexcept;
};
