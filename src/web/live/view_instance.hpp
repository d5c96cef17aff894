#pragma once

#include "web/live/async_jobs.hpp"
#include "web/live/component_socket.hpp"
#include "web/live/template_error.hpp"
#include "web/live/view.hpp"
#include "web/live/view_crash.hpp"
#include "web/live/view_tree.hpp"

#include <any>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <typeindex>
#include <variant>
#include <vector>

namespace beamline::web::live {

/// Where a view wants the browser to go.
using navigation = std::variant<std::monostate, patch_to, navigate_to, redirect_to>;

/// The view's own route of a URL; nothing: it leads elsewhere.
using route_function = std::function<std::optional<mount_params>(std::string_view url)>;

using on_mount_hooks = std::shared_ptr<const std::vector<on_mount_hook>>;

/// The process around a view, as the view sees it.
class view_owner {
public:
  virtual ~view_owner() = default;
  /// Something ran in a turn that no event asked for: what it asked for is to be carried out, what it changed shown.
  virtual void view_ran() = 0;
  /// It threw.
  virtual void view_threw(std::string during, const std::exception_ptr& thrown) = 0;
  /// The view has no URL and wants the page to have another.
  virtual void patch_root(patch_to target) = 0;
  /// The browser takes what it is sent, as far as one knows.
  [[nodiscard]] virtual bool is_browser_reading() const { return true; }
};

/// One mounted view in a process: the view, its components, and what they asked for. The process tells it what happens
/// and takes from it what is to be sent. What the view's code throws comes out of these functions; afterwards the view
/// must not go on.
///
/// Belongs to the process, and is used in its turns.
class view_instance final : private component_host {
public:
  // More patches in one call of a view than this are an endless circle: the view crashes.
  static constexpr int chained_patches_max = 20;
  // More events than this, or more octets of them, in one turn: push_event throws. That many of several turns wait for
  // a browser that does not read: what is pushed then is dropped, and the view must be ended (`is_overrun`); its
  // browser mounts it anew once it reads again.
  static constexpr std::size_t pending_events_max = 1024;
  static constexpr std::size_t pending_events_octets_max = 1U << 20;
  // What cannot merge, events and changes of streams, together: a view that has more than this waiting for a browser
  // which does not read for a while is ended as well.
  static constexpr std::size_t waiting_octets_max = std::size_t{48} * 1024;

  struct setup {
    std::unique_ptr<view> what;
    std::string name{};  // At the endpoint; for reports.
    bool is_connected = true;
    bool is_routable = true;  // It has a URL: handle_params, title, patches.
    flash_messages flash{};
    route_function route{};  // Finds URLs of this view only.
    on_mount_hooks on_mount{};
    hash_key key{};
    pid tasks{};  // Where work is done; empty: the view starts a supervisor when it needs one.
    nested_view_placer nested{};
  };

  /// What is known of the browser while the view is mounted.
  struct connect_info {
    connect_info() {}
    connect_info(json p, bool changed) : params(std::move(p)), has_static_changed{changed} {}
    json params = json::object();
    bool has_static_changed = false;
  };

  view_instance(process& in, view_owner& owner, setup s);
  ~view_instance() override;
  view_instance(const view_instance&) = delete;
  view_instance& operator=(const view_instance&) = delete;

  // -- what happens -------------------------------------------------------------------------------------

  /// Runs the hooks, `mount` and `handle_params`. Unless `navigation()` leads away afterwards, the view is mounted.
  void mount(mount_params p, connect_info c = {});
  /// The browser shows another URL of this view. False: it is none of this view's, nothing was done.
  bool handle_params(std::string_view url);
  /// An event of the browser. False: the component it is for has gone.
  bool handle_event(const event& e);
  /// A message of another process. False: nobody expected it.
  bool handle_info(const caf::type_erased_tuple& content);
  void clear_flash(const live::clear_flash& which);
  /// For a nested view: the URL of the page is to be this one.
  void patch(patch_to target);
  void update(const component_update& u);
  void components_leaving(const std::vector<component_id>& ids) { tree_.leaving(ids); }
  [[nodiscard]] std::vector<component_id> components_left(const std::vector<component_id>& ids) {
    return tree_.left(ids);
  }
  /// The process ends.
  void terminate(const reason& why) noexcept;

  // -- what is to be sent ----------------------------------------------------------------------------------

  /// The first HTML.
  [[nodiscard]] std::string html();
  /// The `rendered` of a join, or a diff; empty: there is nothing to say. Takes the events and the reply along.
  [[nodiscard]] std::string full();
  [[nodiscard]] std::string diff();
  /// What `full` or `diff` returned is on its way.
  void sent();

  /// Takes what was asked for; afterwards nothing is.
  [[nodiscard]] navigation take_navigation() { return std::exchange(navigation_, std::monostate{}); }
  /// Patches were carried out, the last of them must be told to the browser ahead of the diff.
  [[nodiscard]] std::optional<patch_to> take_patch() { return std::exchange(patched_, std::nullopt); }
  [[nodiscard]] std::vector<push_event> take_events();

  [[nodiscard]] bool is_leaving() const noexcept { return !std::holds_alternative<std::monostate>(navigation_); }
  [[nodiscard]] bool has_news() const noexcept { return tree_.is_changed() || events_ != 0 || patched_.has_value(); }
  [[nodiscard]] bool is_overrun() const noexcept { return is_overrun_; }
  [[nodiscard]] std::size_t pending_events() const noexcept { return events_; }
  /// Half of what may wait is there: to be sent at once if that is possible.
  [[nodiscard]] bool has_many_events() const noexcept {
    return events_ >= pending_events_max / 2 || events_octets_ >= pending_events_octets_max / 2;
  }
  /// A turn of the view is over, whatever it pushed.
  void end_turn() noexcept {
    earlier_events_ = events_;
    earlier_octets_ = events_octets_;
  }
  /// What of the news cannot merge with what comes later, about.
  [[nodiscard]] std::size_t waiting_octets() const noexcept {
    return events_octets_ + events_ * sizeof(push_event) + tree_.stream_octets();
  }

  [[nodiscard]] const flash_messages& flash() const noexcept { return flash_.get(); }
  [[nodiscard]] json flash_json() const;
  [[nodiscard]] std::string title() const { return view_->title(); }
  [[nodiscard]] safe_html head() const { return view_->head(); }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& url() const noexcept { return url_; }
  [[nodiscard]] view& what() noexcept { return *view_; }
  [[nodiscard]] std::size_t components() const noexcept { return tree_.components(); }

private:
  template <class Base>
  class socket_part;
  class view_side;
  class component_side;
  struct mounting;

  component_socket& socket_of(component_id id) override;
  const assign<flash_messages>* flash_of(component_id id) override;
  void component_removed(component_id id) override;
  component_side& side_of(component_id id);

  /// Runs what was to happen later, for component `by` or the view: `view_owner` hears how it went.
  template <class F>
  void later(component_id by, std::string_view during, F fn);
  /// Something of `by` ran: it is rendered anew.
  void touch(component_id by);
  void run_on_mount(const mount_params& p);
  void run_handle_params(const mount_params& p);
  void follow_patches();
  void go(navigation where);
  void add_event(component_id by, push_event e);
  [[nodiscard]] std::string render_text(bool is_full);
  [[nodiscard]] async_jobs& jobs();

  process& process_;
  view_owner& owner_;
  std::unique_ptr<view> view_;
  std::string name_;
  std::string url_;
  json session_;  // For the handle_params of later URLs.
  route_function route_;
  on_mount_hooks on_mount_;
  pid tasks_;
  bool is_connected_;
  bool is_routable_;
  bool is_overrun_ = false;
  assign<flash_messages> flash_;
  view_tree tree_;

  // What was asked for and not taken yet.
  navigation navigation_;
  std::optional<patch_to> patched_;
  std::string reply_;
  std::vector<push_event> view_events_, component_events_;
  std::size_t events_ = 0;  // Of both.
  std::size_t events_octets_ = 0;
  std::size_t earlier_events_ = 0;  // Of these, what earlier turns left.
  std::size_t earlier_octets_ = 0;

  // Made when first needed: an idle view stays small.
  std::unique_ptr<view_side> socket_;
  std::unique_ptr<mounting> mounting_;
  std::unique_ptr<view_hooks> hooks_;
  std::unique_ptr<std::map<std::type_index, std::any>> parts_;
  std::unique_ptr<async_jobs> jobs_;
  std::map<component_id, std::unique_ptr<component_side>> sides_;
};

}  // namespace beamline::web::live
