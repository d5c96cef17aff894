"""npm's phoenix and phoenix_live_view in Node.js against two linked nodes of ours.

Socket, Channel and Presence as they are; LiveSocket in a page of jsdom, where no case passes in which the client logs a
warning or an error.

The cases are in *_cases.mjs and run once, in their order; each has a test here of the same name.
"""

import json
import os
import pathlib
import shutil
import subprocess
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
START_S = 30
CASES_S = 120


class Server:
    """A node in a process of its own; it ends when its input does."""

    def __init__(self, name, *linked_with):
        self.process = subprocess.Popen([os.environ["BEAMLINE_INTEROP_SERVER"], name, *linked_with],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        late = threading.Timer(START_S, self.process.kill)
        late.start()
        line = self.process.stdout.readline()
        late.cancel()
        if not line:
            raise RuntimeError(f"{name} did not start within {START_S} s; it ended with {self.process.wait()}")
        self.ports = json.loads(line)

    def url(self):
        return f"ws://127.0.0.1:{self.ports['http']}/socket"

    def stop(self):
        """What it ended with."""
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            return self.process.wait(START_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def run_cases():
    """What each case failed with, or None, by name; and how the nodes ended."""
    first = Server("first@127.0.0.1")
    try:
        second = Server("second@127.0.0.1", f"127.0.0.1:{first.ports['links']}")
        try:
            told = subprocess.run(["node", "clients.mjs", first.url(), second.url()], cwd=HERE, timeout=CASES_S,
                                  stdout=subprocess.PIPE, text=True, check=True).stdout
        finally:
            ends = [second.stop()]
    finally:
        ended = first.stop()
    results = [json.loads(line) for line in told.splitlines()]
    return {result["name"]: result.get("error") for result in results}, [ended, *ends]


class InteropTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if shutil.which("node") is None:
            raise unittest.SkipTest("Node.js is not installed; scripts/setup test installs it")
        if not (HERE / "node_modules" / "jsdom").is_dir():
            raise RuntimeError("tests/interop/node_modules is missing; run scripts/setup test")
        cls.results, cls.ends = run_cases()

    def expect_case(self):
        """That the case of this test's name has passed."""
        name = self.shortDescription()
        self.assertIn(name, self.results, "no such case in *_cases.mjs")
        self.assertIsNone(self.results[name], self.results[name])

    # -- Socket and Channel --

    def test_a_channel_is_joined_with_parameters_and_gets_the_servers_response(self):
        """a channel is joined with parameters and gets the server's response"""
        self.expect_case()

    def test_a_refused_join_a_crashed_one_and_one_without_a_route_are_errors_with_the_reason(self):
        """a refused join, a crashed one and one without a route are errors with the reason"""
        self.expect_case()

    def test_a_refused_join_is_tried_again_until_it_is_accepted(self):
        """a refused join is tried again until it is accepted"""
        self.expect_case()

    def test_messages_go_both_ways_as_json_and_as_octets(self):
        """messages go both ways as JSON and as octets"""
        self.expect_case()

    def test_a_broadcast_reaches_everybody_broadcast_from_everybody_else_as_json_and_as_octets(self):
        """a broadcast reaches everybody, broadcast_from everybody else, as JSON and as octets"""
        self.expect_case()

    def test_an_intercepted_broadcast_comes_as_the_channel_has_changed_it(self):
        """an intercepted broadcast comes as the channel has changed it"""
        self.expect_case()

    def test_errors_and_other_statuses_late_answers_and_none(self):
        """errors and other statuses, late answers and none"""
        self.expect_case()

    def test_200_pushes_in_a_row_are_answered_in_order(self):
        """200 pushes in a row are answered in order"""
        self.expect_case()

    def test_a_message_of_300_kb_and_its_answer(self):
        """a message of 300 kB and its answer"""
        self.expect_case()

    def test_a_crash_is_an_error_of_that_channel_only_which_joins_again_by_itself(self):
        """a crash is an error of that channel only, which joins again by itself"""
        self.expect_case()

    def test_a_channel_that_the_server_stops_is_closed_and_does_not_come_back(self):
        """a channel that the server stops is closed and does not come back"""
        self.expect_case()

    def test_a_leave_is_answered_and_the_topic_can_be_joined_again(self):
        """a leave is answered, and the topic can be joined again"""
        self.expect_case()

    def test_a_second_channel_of_the_same_topic_takes_the_place_of_the_first(self):
        """a second channel of the same topic takes the place of the first"""
        self.expect_case()

    def test_a_join_that_takes_too_long_is_left_and_tried_again(self):
        """a join that takes too long is left and tried again"""
        self.expect_case()

    def test_heartbeats_are_answered(self):
        """heartbeats are answered"""
        self.expect_case()

    def test_disconnect_on_the_sockets_id_closes_it_with_1001_and_it_comes_back_with_its_channels(self):
        """disconnect on the socket's id closes it with 1001, and it comes back with its channels"""
        self.expect_case()

    def test_the_authtoken_reaches_the_server_and_the_parameters_do(self):
        """the authToken reaches the server, and the parameters do"""
        self.expect_case()

    def test_a_refused_connection_is_an_error_and_is_tried_again(self):
        """a refused connection is an error, and is tried again"""
        self.expect_case()

    def test_long_polling_is_refused_and_the_client_knows_it(self):
        """long polling is refused, and the client knows it"""
        self.expect_case()

    # -- live views: LiveSocket in jsdom --

    def test_a_page_is_complete_without_a_connection_and_its_first_render_the_same(self):
        """a page is complete without a connection, and its first render the same"""
        self.expect_case()

    def test_a_click_is_answered_with_what_changed_and_the_title_with_it(self):
        """a click is answered with what changed, and the title with it"""
        self.expect_case()

    def test_what_the_view_does_by_itself_comes_as_a_diff(self):
        """what the view does by itself comes as a diff"""
        self.expect_case()

    def test_keys_and_commands_that_push_and_change_classes_which_patches_keep(self):
        """keys, and commands that push and change classes, which patches keep"""
        self.expect_case()

    def test_a_hook_pushes_and_gets_its_reply_pushed_events_come_before_and_after_the_patch(self):
        """a hook pushes and gets its reply; pushed events come before and after the patch"""
        self.expect_case()

    def test_work_of_a_view_shows_that_it_is_under_way_then_what_came_of_it(self):
        """work of a view shows that it is under way, then what came of it"""
        self.expect_case()

    def test_a_form_is_checked_while_it_is_filled_in_but_not_where_nobody_has_been_and_sent(self):
        """a form is checked while it is filled in, but not where nobody has been, and sent"""
        self.expect_case()

    def test_a_stream_appended_put_before_and_between_updated_removed_limited_reset_cleared(self):
        """a stream: appended, put before and between, updated, removed, limited, reset, cleared"""
        self.expect_case()

    def test_rows_with_keys_move_change_come_and_go_and_keep_their_elements(self):
        """rows with keys move, change, come and go, and keep their elements"""
        self.expect_case()

    def test_live_components_have_events_of_their_own_share_a_template_and_are_forgotten_when_they_are_gone(self):
        """live components have events of their own, share a template, and are forgotten when they are gone"""
        self.expect_case()

    def test_a_nested_view_joins_with_its_page_comes_and_goes_and_crashes_alone(self):
        """a nested view joins with its page, comes and goes, and crashes alone"""
        self.expect_case()

    def test_a_sticky_view_stays_while_the_page_is_navigated(self):
        """a sticky view stays while the page is navigated"""
        self.expect_case()

    def test_patches_by_link_by_the_view_and_back_again(self):
        """patches by link, by the view, and back again"""
        self.expect_case()

    def test_live_navigation_by_link_and_by_the_view_nothing_is_loaded_the_flash_comes_along(self):
        """live navigation by link and by the view: nothing is loaded, the flash comes along"""
        self.expect_case()

    def test_a_redirect_loads_a_page_with_the_flash_in_its_cookie_once(self):
        """a redirect loads a page, with the flash in its cookie, once"""
        self.expect_case()

    def test_a_link_into_another_live_session_or_to_no_view_loads_the_page(self):
        """a link into another live session, or to no view, loads the page"""
        self.expect_case()

    def test_a_view_that_is_not_there_when_it_connects_is_a_page_load_with_that_status(self):
        """a view that is not there when it connects is a page load with that status"""
        self.expect_case()

    def test_a_page_whose_tokens_are_not_good_any_more_is_loaded_anew(self):
        """a page whose tokens are not good any more is loaded anew"""
        self.expect_case()

    def test_a_view_that_crashes_is_mounted_anew_and_its_form_filled_in_again(self):
        """a view that crashes is mounted anew, and its form filled in again"""
        self.expect_case()

    def test_a_lost_connection_comes_back_with_fresh_views_and_what_was_typed(self):
        """a lost connection comes back, with fresh views and what was typed"""
        self.expect_case()

    def test_heartbeats_of_a_page_are_answered(self):
        """heartbeats of a page are answered"""
        self.expect_case()

    def test_200_events_without_waiting_are_answered_in_order(self):
        """200 events without waiting are answered in order"""
        self.expect_case()

    def test_20_browsers_at_once_each_have_a_view_of_their_own(self):
        """20 browsers at once each have a view of their own"""
        self.expect_case()

    # -- Presence --

    def test_js1_syncs_empty_state(self):
        """JS1 syncs empty state"""
        self.expect_case()

    def test_js2_onjoins_new_presences_and_onleaves_left_presences(self):
        """JS2 onJoins new presences and onLeave's left presences"""
        self.expect_case()

    def test_js3_syncdiff_syncs_empty_state(self):
        """JS3 syncDiff syncs empty state"""
        self.expect_case()

    def test_js4_removes_presence_when_meta_is_empty_and_adds_additional_meta(self):
        """JS4 removes presence when meta is empty and adds additional meta"""
        self.expect_case()

    def test_js5_removes_meta_while_leaving_key_if_other_metas_exist(self):
        """JS5 removes meta while leaving key if other metas exist"""
        self.expect_case()

    def test_js6_syncs_keys_that_collide_with_properties_of_prototypes(self):
        """JS6 syncs keys that collide with properties of prototypes"""
        self.expect_case()

    def test_js7_lists_full_presence_by_default(self):
        """JS7 lists full presence by default"""
        self.expect_case()

    def test_js8_lists_with_custom_function(self):
        """JS8 lists with custom function"""
        self.expect_case()

    def test_js9_syncs_state_and_diffs(self):
        """JS9 syncs state and diffs"""
        self.expect_case()

    def test_js10_allows_custom_channel_events(self):
        """JS10 allows custom channel events"""
        self.expect_case()

    def test_js11_updates_existing_meta_for_a_presence_update(self):
        """JS11 updates existing meta for a presence update"""
        self.expect_case()

    def test_a_crash_of_a_channel_is_a_leave_and_its_rejoin_a_join_with_another_ref(self):
        """a crash of a channel is a leave, and its rejoin a join with another ref"""
        self.expect_case()

    def test_a_lost_connection_is_a_leave(self):
        """a lost connection is a leave"""
        self.expect_case()

    def test_who_is_on_one_node_is_seen_on_the_other_and_a_broadcast_is_heard_there(self):
        """who is on one node is seen on the other, and a broadcast is heard there"""
        self.expect_case()

    def test_when_a_node_dies_those_on_it_leave_the_list_and_all_others_stay(self):
        """when a node dies those on it leave the list, and all others stay"""
        self.expect_case()

    # -- the whole --

    def test_every_case_has_a_test(self):
        """every case in Node.js has a test of its name"""
        mine = {" ".join((getattr(type(self), name).__doc__ or "").split()) for name in dir(type(self)) if name.startswith("test_")}
        self.assertEqual(set(self.results) - mine, set())

    def test_the_nodes_end_as_they_are_told(self):
        """the node that was told to die did, the other one ended in order"""
        self.assertEqual(self.ends, [0, 9])


if __name__ == "__main__":
    unittest.main(verbosity=2)
