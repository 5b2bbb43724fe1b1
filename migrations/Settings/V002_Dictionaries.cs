using FluentMigrator;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Settings.Migrations;

[Migration(2, "dictionaries, numbering, company")]
public sealed class V002_Dictionaries : SchemaStep
{
    public override void Up()
    {
        var dictionary = CreateTable("settings.dictionary");
        dictionary.Text("id", 40).NotNullable().PrimaryKey();
        dictionary.Text("label", 60).NotNullable();
        dictionary.Text("english", 60).Nullable();
        dictionary.Int("position").NotNullable();

        var entry = CreateTable("settings.dictionary_entry");
        entry.Text("dictionary", 40).NotNullable().PrimaryKey("pk_settings_dictionary_entry");
        entry.Text("code", 40).NotNullable().PrimaryKey("pk_settings_dictionary_entry");
        entry.Text("label", 60).NotNullable();
        entry.Text("english", 60).Nullable();
        entry.Text("parent", 40).Nullable();
        entry.Int("position").NotNullable();
        entry.Flag("disabled").NotNullable();

        var rule = CreateTable("settings.numbering_rule");
        rule.Text("type", 40).NotNullable().PrimaryKey();
        rule.Text("prefix", 12).NotNullable();
        rule.Text("date_part", 8).NotNullable();
        rule.Int("digits").NotNullable();
        rule.Text("reset", 8).NotNullable();

        var company = CreateTable("settings.company");
        company.Id();
        company.Text("name", 100).NotNullable();
        company.Text("time_zone", 60).NotNullable();
        company.Text("currency", 3).NotNullable();
        company.LongText("logo").Nullable();
        company.Text("phone", 30).Nullable();
        company.Text("address", 200).Nullable();
        company.Text("credit_code", 18).Nullable();
        company.Text("work_days", 20).NotNullable();

        var day = CreateTable("settings.holiday");
        day.Text("day", 10).NotNullable().PrimaryKey();
        day.Text("name", 40).NotNullable();
        day.Flag("working").NotNullable();
    }
}
