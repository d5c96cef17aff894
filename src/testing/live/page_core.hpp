#pragma once

#include "testing/live/browser.hpp"
#include "testing/live/client_model.hpp"
#include "testing/live/dom.hpp"
#include "testing/live/live_page.hpp"
#include "web/socket.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::testing {

/// One live view of a page, as the client keeps it.
struct page_view {
  enum class state { joining, joined, crashed, closed };

  std::string id;
  std::string parent;  // Id of the view around it; empty for roots and sticky ones.
  bool is_main = false;
  std::string join_ref;
  state now = state::joining;
  json refusal;  // The response of a refused join.
  client_model model{true};
  std::string redirect;  // Reached by live navigation: the URL, also of its rejoins.
  std::string flash;     // Token for the next join.
  std::string referer;
  int mounts = 0;
  int attempts = 0;
  std::size_t events_seen = 0;
  std::map<std::string, json, std::less<>> replies;  // Responses by ref.

  [[nodiscard]] std::string topic() const { return "lv:" + id; }
};

/// What the browser does next, instead of showing this page.
struct page_departure {
  enum class kind { navigate, load, submit };
  kind how = kind::load;
  std::string to;
  std::string flash{};
  std::string method = "GET";
  std::string body{};
};

/// The tab behind `live_page`: the document, the connection and the views in it. What the npm client does to them, and
/// stricter. Not for tests themselves.
class page_core {
public:
  explicit page_core(browser b);
  ~page_core();
  page_core(const page_core&) = delete;
  page_core& operator=(const page_core&) = delete;

  // -- page_load.cpp: documents and where to go next ------------------------------------------------
  void load(std::string method, std::string target, std::string body);
  void connect();
  void disconnect();
  void reconnect();
  void rejoin();
  void patch(const std::string& path);
  void navigate(const std::string& path, std::string flash = {});
  void follow();

  // -- page_wire.cpp: messages ------------------------------------------------------------------------
  /// Lets the world come to rest and takes in what has come.
  void settle();
  /// Sends an event and waits for its answer; throws `page_stuck` if there is none.
  json request(page_view& v, std::string_view event, json payload);

  // -- page_events.cpp: what a visitor does -----------------------------------------------------------
  void click(dom_node& n, const json& value);
  void key(dom_node& n, std::string_view type, std::string_view key, const json& meta);
  void focus(dom_node& n, std::string_view type);
  void change(dom_node& field);
  void submit(dom_node& form, dom_node* submitter);
  json push_hook_event(dom_node& n, std::string_view name, const json& payload);
  void run_commands(dom_node& source, const std::string& commands, std::string_view type, const json& meta = nullptr);

  // -- looking ------------------------------------------------------------------------------------------
  [[nodiscard]] dom_node& document() const { return *document_; }
  [[nodiscard]] dom_node& body() const;
  [[nodiscard]] std::string title() const;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] bool is_connected() const noexcept { return socket_ != nullptr && is_open_; }
  [[nodiscard]] int close_code() const noexcept { return close_code_; }
  [[nodiscard]] const std::optional<page_departure>& departure() const noexcept { return departure_; }
  [[nodiscard]] std::vector<live_page::pushed_event>& events() noexcept { return events_; }
  [[nodiscard]] std::vector<std::string>& patches() noexcept { return patches_; }
  [[nodiscard]] const std::string& log() const noexcept { return log_; }
  [[nodiscard]] world& the_world() const { return browser_.the_world(); }
  /// Throws `page_error` when the page can do nothing any more: it leaves, or is not connected.
  void check_live() const;
  /// Runs `what`; ends well only if a view crashes in it.
  void expect_crash(const std::function<void()>& what);

private:
  struct recording_socket;
  struct saved_form {
    std::string id;
    std::string change;
    std::unique_ptr<dom_node> copy;
  };

  void open_socket();
  void close_socket();
  void send(page_view& v, const std::string& ref, std::string_view event, const json& payload);
  void handle(const std::string& message);
  void handle_reply(page_view& v, const std::string& ref, const json& payload);
  void joined(page_view& v, const json& response);
  void refused(page_view& v, const json& response);
  void apply(page_view& v, const json& diff, bool is_join);
  void patch_components_in_streams(page_view& v, const json& diff);
  void take_redirect(const json& response);
  void crash(page_view& v);

  void join(page_view& v);
  void join_new_views();
  void leave(page_view& v);
  void drop_missing_views();
  /// What becomes of the views within one that has ended or joins anew; `tells`: the server hears of it.
  void destroy_children(const std::string& parent, bool tells);
  void drop_missing_components(page_view& v);
  [[nodiscard]] page_view* find_view(std::string_view id);
  [[nodiscard]] page_view& view_of(dom_node& n);
  [[nodiscard]] dom_node& container_of(const page_view& v);
  [[nodiscard]] dom_node* find_component(const page_view& v, std::string_view number);
  [[nodiscard]] std::set<std::uint64_t> components_in_page(const page_view& v);

  void set_path(const std::string& url);
  void set_title(const page_view& v, bool is_join, bool is_told);
  void set_flash_cookie(const std::string& token);
  [[nodiscard]] json join_payload(page_view& v);
  [[nodiscard]] std::vector<saved_form> forms_to_recover(page_view& v);
  void recover(page_view& v, std::vector<saved_form> forms);
  void check_triggered_forms(dom_node& container);

  void push(dom_node& source, std::string_view type, const json& args, const json& meta);
  void push_change(dom_node& field, const json& args);
  void push_submit(dom_node& form, const json& args);
  void run_command(dom_node& source, const std::string& name, const json& args, std::string_view type,
                   const json& meta);
  void dispatch(dom_node& target, std::string_view event);
  void change_look(dom_node& n, const std::string& command, const json& args);
  void check_enabled(dom_node& n) const;
  void toggle_box(dom_node& box);
  void follow_link(dom_node& link);
  [[nodiscard]] std::vector<dom_node*> targets_of(dom_node& source, const json& args);
  struct receiver {
    std::string view;
    std::optional<std::uint64_t> component;
  };
  /// Who gets an event of that element.
  [[nodiscard]] std::vector<receiver> receivers(dom_node& source, const json& target);
  json tell(const receiver& to, json payload);
  /// The same element after a patch, which may have made it anew; null: it is gone. `n` may be gone, too.
  [[nodiscard]] dom_node* again(dom_node* n, const std::string& path);
  [[nodiscard]] std::string next_ref() { return std::to_string(++last_ref_); }

  browser browser_;
  std::unique_ptr<dom_node> document_;
  std::string path_ = "/";
  int status_ = 0;
  std::shared_ptr<recording_socket> socket_;
  std::unique_ptr<web::socket_handler> handler_;
  bool is_open_ = false;
  int close_code_ = 0;
  std::uint64_t last_ref_ = 0;
  std::vector<std::unique_ptr<page_view>> views_;
  std::optional<page_departure> departure_;
  std::vector<live_page::pushed_event> events_;
  std::vector<std::string> patches_;
  dom_node* focused_ = nullptr;
  std::string crashed_;  // Id of a view that crashed, until somebody has been told.
  bool is_crash_expected_ = false;
  std::optional<std::pair<std::string, std::string>> pressed_;  // Name and value of the button of the last submit.
  bool is_dropping_ = false;
  std::vector<std::pair<std::string, std::function<void(dom_node&)>>> lasting_;  // What commands did, by element id.
  std::string log_;
};

}  // namespace beamline::testing
